
declare void @gw.barrier(ptr, i32)
declare void @gw_gemm(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, i1)
declare void @gw_gemv(i64, ptr, i64, ptr, i64, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemv_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemm_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, ptr)

define internal void @copy(ptr %to, ptr %from, i64 %n) nounwind {
entry:
  %v1 = sdiv i64 %n, 4
  br label %head2
head2:
  %v3 = phi i64 [ 0, %entry ], [ %v4, %body2 ]
  %v5 = icmp slt i64 %v3, %v1
  br i1 %v5, label %body2, label %done2
body2:
  %v6 = mul i64 %v3, 4
  %v7 = getelementptr inbounds float, ptr %from, i64 %v6
  %v8 = load <4 x float>, ptr %v7, align 4
  %v9 = getelementptr inbounds float, ptr %to, i64 %v6
  store <4 x float> %v8, ptr %v9, align 4
  %v4 = add nuw nsw i64 %v3, 1
  br label %head2
done2:
  %v10 = mul i64 %v1, 4
  %v11 = sub i64 %n, %v10
  br label %head12
head12:
  %v13 = phi i64 [ 0, %done2 ], [ %v14, %body12 ]
  %v15 = icmp slt i64 %v13, %v11
  br i1 %v15, label %body12, label %done12
body12:
  %v16 = add i64 %v10, %v13
  %v17 = getelementptr inbounds float, ptr %from, i64 %v16
  %v18 = load float, ptr %v17, align 4
  %v19 = getelementptr inbounds float, ptr %to, i64 %v16
  store float %v18, ptr %v19, align 4
  %v14 = add nuw nsw i64 %v13, 1
  br label %head12
done12:
  ret void
}

define void @kernel(ptr noalias readonly %args, i32 %thread, i32 %threads) nounwind {
entry:
  %v1 = getelementptr inbounds i64, ptr %args, i64 0
  %v2 = load ptr, ptr %v1, align 8
  %v3 = getelementptr inbounds i64, ptr %args, i64 1
  %v4 = load i64, ptr %v3, align 8
  %v5 = getelementptr inbounds i64, ptr %args, i64 2
  %v6 = load i64, ptr %v5, align 8
  %v7 = getelementptr inbounds i64, ptr %args, i64 3
  %v8 = load ptr, ptr %v7, align 8
  %v9 = getelementptr inbounds i64, ptr %args, i64 4
  %v10 = load i64, ptr %v9, align 8
  %v11 = getelementptr inbounds i64, ptr %args, i64 5
  %v12 = load ptr, ptr %v11, align 8
  %v13 = getelementptr inbounds i64, ptr %args, i64 6
  %v14 = load i64, ptr %v13, align 8
  %v15 = getelementptr inbounds i64, ptr %args, i64 7
  %v16 = load ptr, ptr %v15, align 8
  %v17 = getelementptr inbounds i64, ptr %args, i64 8
  %v18 = load i64, ptr %v17, align 8
  %v19 = getelementptr inbounds i64, ptr %args, i64 9
  %v20 = load ptr, ptr %v19, align 8
  %v21 = getelementptr inbounds i64, ptr %args, i64 10
  %v22 = load i64, ptr %v21, align 8
  %v23 = getelementptr inbounds i64, ptr %args, i64 11
  %v24 = load ptr, ptr %v23, align 8
  %v25 = getelementptr inbounds i64, ptr %args, i64 12
  %v26 = load i64, ptr %v25, align 8
  %v27 = getelementptr inbounds i64, ptr %args, i64 13
  %v28 = load i64, ptr %v27, align 8
  %v29 = getelementptr inbounds i64, ptr %args, i64 14
  %v30 = load ptr, ptr %v29, align 8
  %v31 = getelementptr inbounds i64, ptr %args, i64 15
  %v32 = load i64, ptr %v31, align 8
  %v33 = getelementptr inbounds i64, ptr %args, i64 16
  %v34 = load ptr, ptr %v33, align 8
  %v35 = getelementptr inbounds i64, ptr %args, i64 17
  %v36 = load i64, ptr %v35, align 8
  %v37 = getelementptr inbounds i64, ptr %args, i64 18
  %v38 = load i64, ptr %v37, align 8
  %v39 = getelementptr inbounds i64, ptr %args, i64 19
  %v40 = load ptr, ptr %v39, align 8
  %v41 = getelementptr inbounds i64, ptr %args, i64 20
  %v42 = load i64, ptr %v41, align 8
  %v43 = getelementptr inbounds i64, ptr %args, i64 21
  %v44 = load ptr, ptr %v43, align 8
  %v45 = getelementptr inbounds i64, ptr %args, i64 22
  %v46 = load ptr, ptr %v45, align 8
  %v47 = getelementptr inbounds i64, ptr %args, i64 23
  %v48 = load ptr, ptr %v47, align 8
  %v49 = getelementptr inbounds i64, ptr %args, i64 24
  %v50 = load ptr, ptr %v49, align 8
  %v51 = getelementptr inbounds i64, ptr %args, i64 25
  %v52 = load i64, ptr %v51, align 8
  %v53 = getelementptr inbounds i64, ptr %args, i64 26
  %v54 = load i64, ptr %v53, align 8
  %v55 = getelementptr inbounds i64, ptr %args, i64 27
  %v56 = load i64, ptr %v55, align 8
  %v57 = getelementptr inbounds i64, ptr %args, i64 28
  %v58 = load ptr, ptr %v57, align 8
  %v59 = getelementptr inbounds i64, ptr %args, i64 29
  %v60 = load i64, ptr %v59, align 8
  %v61 = getelementptr inbounds i64, ptr %args, i64 30
  %v62 = load i64, ptr %v61, align 8
  %v63 = getelementptr inbounds i64, ptr %args, i64 31
  %v64 = load i64, ptr %v63, align 8
  %v65 = getelementptr inbounds i64, ptr %args, i64 32
  %v66 = load ptr, ptr %v65, align 8
  %v67 = getelementptr inbounds i64, ptr %args, i64 33
  %v68 = load i64, ptr %v67, align 8
  %v69 = getelementptr inbounds i64, ptr %args, i64 34
  %v70 = load ptr, ptr %v69, align 8
  %v71 = getelementptr inbounds i64, ptr %args, i64 35
  %v72 = load ptr, ptr %v71, align 8
  %v73 = getelementptr inbounds i64, ptr %args, i64 36
  %v74 = load ptr, ptr %v73, align 8
  %v75 = getelementptr inbounds i64, ptr %args, i64 37
  %v76 = load ptr, ptr %v75, align 8
  %v77 = getelementptr inbounds i64, ptr %args, i64 38
  %v78 = load ptr, ptr %v77, align 8
  %v79 = getelementptr inbounds i64, ptr %args, i64 39
  %v80 = load ptr, ptr %v79, align 8
  %v81 = getelementptr inbounds i64, ptr %args, i64 40
  %v82 = load ptr, ptr %v81, align 8
  %v83 = sext i32 %thread to i64
  %v84 = sext i32 %threads to i64
  %v85 = icmp ne i64 %v68, 0
  %v86 = select i1 %v85, i64 %v83, i64 0
  %v87 = select i1 %v85, i64 %v84, i64 1
  %v88 = icmp eq i64 %v86, 0
  %v89 = icmp sgt i64 %v87, 1
  %v90 = select i1 %v85, i64 0, i64 %v83
  %v91 = udiv i64 %v86, %v87
  %v92 = add i64 %v86, 1
  %v93 = udiv i64 %v92, %v87
  %v94 = mul i64 %v86, 5
  %v95 = udiv i64 %v94, %v87
  %v96 = add i64 %v86, 1
  %v97 = mul i64 %v96, 5
  %v98 = udiv i64 %v97, %v87
  %v99 = mul i64 %v86, 10
  %v100 = udiv i64 %v99, %v87
  %v101 = add i64 %v86, 1
  %v102 = mul i64 %v101, 10
  %v103 = udiv i64 %v102, %v87
  %v104 = mul i64 %v90, %v52
  %v105 = getelementptr inbounds float, ptr %v50, i64 %v104
  %v106 = mul i64 %v83, %v52
  %v107 = getelementptr inbounds float, ptr %v50, i64 %v106
  %v108 = alloca i64, align 8
  %v109 = alloca i64, align 8
  %v110 = alloca i64, align 8
  %v111 = alloca i64, align 8
  %v112 = alloca i64, align 8
  store i64 0, ptr %v111, align 8
  br label %next
next:
  %v113 = load i64, ptr %v111, align 8
  %v114 = add i64 %v113, 1
  store i64 %v114, ptr %v111, align 8
  store i64 %v113, ptr %v112, align 8
  %v115 = xor i1 %v85, true
  br i1 %v115, label %then116, label %end116
then116:
  %v117 = atomicrmw add ptr %v44, i64 1 monotonic
  store i64 %v117, ptr %v112, align 8
  br label %end116
end116:
  %v118 = load i64, ptr %v112, align 8
  %more = icmp slt i64 %v118, %v42
  br i1 %more, label %work, label %finished
work:
  %v119 = mul i64 %v118, 5
  %v120 = getelementptr inbounds i64, ptr %v40, i64 %v119
  %v121 = getelementptr inbounds i64, ptr %v120, i64 0
  %v122 = load i64, ptr %v121, align 8
  %v123 = getelementptr inbounds i64, ptr %v120, i64 1
  %v124 = load i64, ptr %v123, align 8
  %v125 = getelementptr inbounds i64, ptr %v120, i64 2
  %v126 = load i64, ptr %v125, align 8
  %v127 = getelementptr inbounds i64, ptr %v120, i64 3
  %v128 = load i64, ptr %v127, align 8
  %v129 = getelementptr inbounds i64, ptr %v120, i64 4
  %v130 = load i64, ptr %v129, align 8
  %v131 = icmp ne i64 %v56, 0
  %v132 = icmp ne ptr %v48, null
  %v133 = icmp eq i64 %v124, 1
  br i1 %v88, label %then134, label %end134
then134:
  br label %head135
head135:
  %v136 = phi i64 [ 0, %then134 ], [ %v137, %body135 ]
  %v138 = icmp slt i64 %v136, %v124
  br i1 %v138, label %body135, label %done135
body135:
  %v139 = add i64 %v122, %v136
  %v140 = getelementptr inbounds i64, ptr %v46, i64 %v139
  %v141 = load i64, ptr %v140, align 8
  %v142 = mul i64 %v136, 132
  %v143 = getelementptr inbounds float, ptr %v105, i64 %v142
  %v144 = mul i64 %v141, %v10
  %v145 = getelementptr inbounds float, ptr %v8, i64 %v144
  %v146 = getelementptr inbounds float, ptr %v143, i64 80
  call void @copy(ptr %v146, ptr %v145, i64 20)
  %v147 = mul i64 %v141, %v14
  %v148 = getelementptr inbounds float, ptr %v12, i64 %v147
  %v149 = getelementptr inbounds float, ptr %v143, i64 100
  call void @copy(ptr %v149, ptr %v148, i64 20)
  %v137 = add nuw nsw i64 %v136, 1
  br label %head135
done135:
  br label %end134
end134:
  br i1 %v89, label %then150, label %end150
then150:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end150
end150:
  %v151 = add i64 %v126, %v128
  %v152 = select i1 %v131, i64 %v151, i64 %v126
  store i64 %v152, ptr %v110, align 8
  br label %head153
head153:
  %v154 = phi i64 [ 0, %end150 ], [ %v155, %end387 ]
  %v156 = icmp slt i64 %v154, %v130
  br i1 %v156, label %body153, label %done153
body153:
  %v157 = sub i64 %v130, %v154
  %v158 = sub i64 %v157, 1
  %v159 = select i1 %v131, i64 %v158, i64 %v154
  %v160 = urem i64 %v154, 36
  %v161 = icmp eq i64 %v160, 0
  %v162 = and i1 %v161, %v133
  br i1 %v162, label %then163, label %end163
then163:
  %v164 = sub i64 %v130, %v154
  %v165 = icmp sgt i64 %v164, 36
  %v166 = select i1 %v165, i64 36, i64 %v164
  %v167 = sub i64 %v159, %v166
  %v168 = add i64 %v167, 1
  %v169 = select i1 %v131, i64 %v168, i64 %v159
  store i64 %v169, ptr %v108, align 8
  %v170 = getelementptr inbounds i64, ptr %v46, i64 %v122
  %v171 = load i64, ptr %v170, align 8
  %v172 = urem i64 %v166, 6
  %v173 = and i64 %v172, 1
  %v174 = icmp ugt i64 %v172, 1
  %v175 = zext i1 %v174 to i64
  %v176 = mul i64 %v173, %v175
  %v177 = sub i64 %v166, %v176
  %v178 = mul i64 %v171, %v6
  %v179 = getelementptr inbounds float, ptr %v2, i64 %v178
  %v180 = mul i64 0, 80
  %v181 = getelementptr inbounds float, ptr %v105, i64 792
  %v182 = getelementptr inbounds float, ptr %v181, i64 %v180
  %v183 = mul i64 %v169, %v4
  %v184 = getelementptr inbounds float, ptr %v179, i64 %v183
  %v185 = mul i64 %v100, 2
  %v186 = mul i64 %v103, 2
  %v187 = icmp slt i64 %v186, 20
  %v188 = select i1 %v187, i64 %v186, i64 20
  %v189 = sub i64 %v188, %v185
  %v190 = mul i64 %v185, 12
  %v191 = getelementptr inbounds float, ptr %v72, i64 %v190
  %v192 = mul i64 %v185, 4
  %v193 = getelementptr inbounds float, ptr %v182, i64 %v192
  call void @gw_gemm(i64 %v177, ptr %v193, i64 80, ptr %v184, i64 %v4, ptr %v191, i64 3, i64 %v189, i1 0, i1 false)
  %v194 = icmp ne i64 %v176, 0
  br i1 %v194, label %then195, label %end195
then195:
  %v196 = mul i64 %v171, %v6
  %v197 = getelementptr inbounds float, ptr %v2, i64 %v196
  %v198 = mul i64 %v177, 80
  %v199 = getelementptr inbounds float, ptr %v105, i64 792
  %v200 = getelementptr inbounds float, ptr %v199, i64 %v198
  %v201 = add i64 %v169, %v177
  %v202 = mul i64 %v201, %v4
  %v203 = getelementptr inbounds float, ptr %v197, i64 %v202
  %v204 = mul i64 %v100, 2
  %v205 = mul i64 %v103, 2
  %v206 = icmp slt i64 %v205, 20
  %v207 = select i1 %v206, i64 %v205, i64 20
  %v208 = sub i64 %v207, %v204
  %v209 = mul i64 %v204, 12
  %v210 = getelementptr inbounds float, ptr %v72, i64 %v209
  %v211 = mul i64 %v204, 4
  %v212 = getelementptr inbounds float, ptr %v200, i64 %v211
  call void @gw_gemm(i64 1, ptr %v212, i64 80, ptr %v203, i64 %v4, ptr %v210, i64 3, i64 %v208, i1 0, i1 false)
  br label %end195
end195:
  br label %end163
end163:
  store i64 %v124, ptr %v109, align 8
  br i1 %v132, label %then213, label %end213
then213:
  store i64 0, ptr %v109, align 8
  br label %head214
head214:
  %v215 = phi i64 [ 0, %then213 ], [ %v216, %body214 ]
  %v217 = icmp slt i64 %v215, %v124
  br i1 %v217, label %body214, label %done214
body214:
  %v218 = add i64 %v122, %v215
  %v219 = getelementptr inbounds i64, ptr %v48, i64 %v218
  %v220 = load i64, ptr %v219, align 8
  %v221 = icmp sgt i64 %v220, %v159
  %v222 = load i64, ptr %v109, align 8
  %v223 = zext i1 %v221 to i64
  %v224 = add i64 %v222, %v223
  store i64 %v224, ptr %v109, align 8
  %v216 = add nuw nsw i64 %v215, 1
  br label %head214
done214:
  br label %end213
end213:
  %v225 = load i64, ptr %v109, align 8
  %v226 = load i64, ptr %v110, align 8
  %v227 = sub i64 %v226, %v225
  %v228 = select i1 %v131, i64 %v227, i64 %v226
  %v229 = add i64 %v226, %v225
  %v230 = select i1 %v131, i64 %v227, i64 %v229
  store i64 %v230, ptr %v110, align 8
  %v231 = add i64 %v159, %v64
  %v232 = icmp ne ptr %v58, null
  %v233 = icmp slt i64 %v231, %v38
  %v234 = and i1 %v232, %v233
  br i1 %v234, label %then235, label %end235
then235:
  store i64 %v124, ptr %v109, align 8
  br i1 %v132, label %then236, label %end236
then236:
  store i64 0, ptr %v109, align 8
  br label %head237
head237:
  %v238 = phi i64 [ 0, %then236 ], [ %v239, %body237 ]
  %v240 = icmp slt i64 %v238, %v124
  br i1 %v240, label %body237, label %done237
body237:
  %v241 = add i64 %v122, %v238
  %v242 = getelementptr inbounds i64, ptr %v48, i64 %v241
  %v243 = load i64, ptr %v242, align 8
  %v244 = icmp sgt i64 %v243, %v231
  %v245 = load i64, ptr %v109, align 8
  %v246 = zext i1 %v244 to i64
  %v247 = add i64 %v245, %v246
  store i64 %v247, ptr %v109, align 8
  %v239 = add nuw nsw i64 %v238, 1
  br label %head237
done237:
  br label %end236
end236:
  %v248 = load i64, ptr %v109, align 8
  br i1 %v89, label %then249, label %end249
then249:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end249
end249:
  br i1 %v88, label %then250, label %end250
then250:
  br label %head251
head251:
  %v252 = phi i64 [ 0, %then250 ], [ %v253, %end266 ]
  %v254 = icmp slt i64 %v252, %v248
  br i1 %v254, label %body251, label %done251
body251:
  %v255 = add i64 %v122, %v252
  %v256 = getelementptr inbounds i64, ptr %v46, i64 %v255
  %v257 = load i64, ptr %v256, align 8
  %v258 = mul i64 %v252, 132
  %v259 = getelementptr inbounds float, ptr %v105, i64 %v258
  %v260 = mul i64 %v231, %v60
  %v261 = mul i64 %v257, %v62
  %v262 = add i64 %v260, %v261
  %v263 = getelementptr inbounds i8, ptr %v58, i64 %v262
  %v264 = load i8, ptr %v263, align 1
  %v265 = icmp ne i8 %v264, 0
  br i1 %v265, label %then266, label %end266
then266:
  %v267 = mul i64 %v257, %v18
  %v268 = getelementptr inbounds float, ptr %v16, i64 %v267
  %v269 = getelementptr inbounds float, ptr %v259, i64 80
  call void @copy(ptr %v269, ptr %v268, i64 20)
  %v270 = mul i64 %v257, %v22
  %v271 = getelementptr inbounds float, ptr %v20, i64 %v270
  %v272 = getelementptr inbounds float, ptr %v259, i64 100
  call void @copy(ptr %v272, ptr %v271, i64 20)
  br label %end266
end266:
  %v253 = add nuw nsw i64 %v252, 1
  br label %head251
done251:
  br label %end250
end250:
  br i1 %v89, label %then273, label %end273
then273:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end273
end273:
  br label %end235
end235:
  br label %head274
head274:
  %v275 = phi i64 [ 0, %end235 ], [ %v276, %body274 ]
  %v277 = icmp slt i64 %v275, %v225
  br i1 %v277, label %body274, label %done274
body274:
  %v278 = add i64 %v122, %v275
  %v279 = getelementptr inbounds i64, ptr %v46, i64 %v278
  %v280 = load i64, ptr %v279, align 8
  %v281 = mul i64 %v275, 132
  %v282 = getelementptr inbounds float, ptr %v105, i64 %v281
  %v283 = mul i64 %v280, %v6
  %v284 = getelementptr inbounds float, ptr %v2, i64 %v283
  %v285 = mul i64 %v159, %v4
  %v286 = getelementptr inbounds float, ptr %v284, i64 %v285
  %v287 = getelementptr inbounds float, ptr %v282, i64 120
  call void @copy(ptr %v287, ptr %v286, i64 3)
  %v276 = add nuw nsw i64 %v275, 1
  br label %head274
done274:
  %v288 = getelementptr inbounds float, ptr %v105, i64 120
  br i1 %v133, label %then289, label %end289
then289:
  %v290 = load i64, ptr %v108, align 8
  %v291 = sub i64 %v159, %v290
  %v292 = mul i64 %v291, 80
  %v293 = getelementptr inbounds float, ptr %v105, i64 792
  %v294 = getelementptr inbounds float, ptr %v293, i64 %v292
  %v295 = mul i64 %v100, 2
  %v296 = mul i64 %v103, 2
  %v297 = icmp slt i64 %v296, 20
  %v298 = select i1 %v297, i64 %v296, i64 20
  %v299 = sub i64 %v298, %v295
  %v300 = mul i64 %v295, 4
  %v301 = mul i64 %v299, 4
  %v302 = getelementptr inbounds float, ptr %v105, i64 %v300
  %v303 = getelementptr inbounds float, ptr %v294, i64 %v300
  call void @copy(ptr %v302, ptr %v303, i64 %v301)
  br label %end289
end289:
  %v304 = xor i1 %v133, true
  br i1 %v304, label %then305, label %end305
then305:
  %v306 = mul i64 %v100, 2
  %v307 = mul i64 %v103, 2
  %v308 = icmp slt i64 %v307, 20
  %v309 = select i1 %v308, i64 %v307, i64 20
  %v310 = sub i64 %v309, %v306
  %v311 = mul i64 %v306, 12
  %v312 = getelementptr inbounds float, ptr %v72, i64 %v311
  %v313 = mul i64 %v306, 4
  %v314 = getelementptr inbounds float, ptr %v105, i64 %v313
  call void @gw_gemm(i64 %v225, ptr %v314, i64 132, ptr %v288, i64 132, ptr %v312, i64 3, i64 %v310, i1 0, i1 false)
  br label %end305
end305:
  %v315 = getelementptr inbounds float, ptr %v105, i64 80
  %v316 = mul i64 %v100, 2
  %v317 = mul i64 %v103, 2
  %v318 = icmp slt i64 %v317, 20
  %v319 = select i1 %v318, i64 %v317, i64 20
  %v320 = sub i64 %v319, %v316
  %v321 = mul i64 %v316, 80
  %v322 = getelementptr inbounds float, ptr %v74, i64 %v321
  %v323 = mul i64 %v316, 4
  %v324 = getelementptr inbounds float, ptr %v105, i64 %v323
  call void @gw_gemm(i64 %v225, ptr %v324, i64 132, ptr %v315, i64 132, ptr %v322, i64 20, i64 %v320, i1 1, i1 false)
  br i1 %v89, label %then325, label %end325
then325:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end325
end325:
  br label %head326
head326:
  %v327 = phi i64 [ 0, %end325 ], [ %v328, %done341 ]
  %v329 = icmp slt i64 %v327, %v225
  br i1 %v329, label %body326, label %done326
body326:
  %v330 = mul i64 %v327, 132
  %v331 = getelementptr inbounds float, ptr %v105, i64 %v330
  %v332 = add i64 %v228, %v327
  %v333 = add i64 %v122, %v327
  %v334 = getelementptr inbounds i64, ptr %v46, i64 %v333
  %v335 = load i64, ptr %v334, align 8
  %v336 = mul i64 %v159, %v26
  %v337 = mul i64 %v335, %v28
  %v338 = getelementptr inbounds float, ptr %v24, i64 %v336
  %v339 = getelementptr inbounds float, ptr %v338, i64 %v337
  %v340 = sub i64 %v98, %v95
  br label %head341
head341:
  %v342 = phi i64 [ 0, %body326 ], [ %v343, %body341 ]
  %v344 = icmp slt i64 %v342, %v340
  br i1 %v344, label %body341, label %done341
body341:
  %v345 = add i64 %v95, %v342
  %v346 = mul i64 %v345, 4
  %v347 = getelementptr inbounds float, ptr %v331, i64 %v346
  %v348 = load <4 x float>, ptr %v347, align 4
  %v349 = getelementptr inbounds float, ptr %v76, i64 %v346
  %v350 = load <4 x float>, ptr %v349, align 4
  %v351 = fadd contract <4 x float> %v348, %v350
  %v352 = call <4 x float> @gw.sigmoid.v4f32(<4 x float> %v351)
  %v353 = getelementptr inbounds float, ptr %v331, i64 20
  %v354 = getelementptr inbounds float, ptr %v353, i64 %v346
  %v355 = load <4 x float>, ptr %v354, align 4
  %v356 = getelementptr inbounds float, ptr %v78, i64 %v346
  %v357 = load <4 x float>, ptr %v356, align 4
  %v358 = fadd contract <4 x float> %v355, %v357
  %v359 = call <4 x float> @gw.sigmoid.v4f32(<4 x float> %v358)
  %v360 = getelementptr inbounds float, ptr %v331, i64 40
  %v361 = getelementptr inbounds float, ptr %v360, i64 %v346
  %v362 = load <4 x float>, ptr %v361, align 4
  %v363 = getelementptr inbounds float, ptr %v80, i64 %v346
  %v364 = load <4 x float>, ptr %v363, align 4
  %v365 = fadd contract <4 x float> %v362, %v364
  %v366 = call <4 x float> @gw.tanh.v4f32(<4 x float> %v365)
  %v367 = getelementptr inbounds float, ptr %v331, i64 60
  %v368 = getelementptr inbounds float, ptr %v367, i64 %v346
  %v369 = load <4 x float>, ptr %v368, align 4
  %v370 = getelementptr inbounds float, ptr %v82, i64 %v346
  %v371 = load <4 x float>, ptr %v370, align 4
  %v372 = fadd contract <4 x float> %v369, %v371
  %v373 = call <4 x float> @gw.sigmoid.v4f32(<4 x float> %v372)
  %v374 = getelementptr inbounds float, ptr %v331, i64 100
  %v375 = getelementptr inbounds float, ptr %v374, i64 %v346
  %v376 = load <4 x float>, ptr %v375, align 4
  %v377 = fmul contract <4 x float> %v359, %v376
  %v378 = fmul contract <4 x float> %v352, %v366
  %v379 = fadd contract <4 x float> %v377, %v378
  %v380 = call <4 x float> @gw.tanh.v4f32(<4 x float> %v379)
  %v381 = fmul contract <4 x float> %v373, %v380
  %v382 = getelementptr inbounds float, ptr %v331, i64 80
  %v383 = getelementptr inbounds float, ptr %v382, i64 %v346
  store <4 x float> %v381, ptr %v383, align 4
  %v384 = getelementptr inbounds float, ptr %v331, i64 100
  %v385 = getelementptr inbounds float, ptr %v384, i64 %v346
  store <4 x float> %v379, ptr %v385, align 4
  %v386 = getelementptr inbounds float, ptr %v339, i64 %v346
  store <4 x float> %v381, ptr %v386, align 4
  %v343 = add nuw nsw i64 %v342, 1
  br label %head341
done341:
  %v328 = add nuw nsw i64 %v327, 1
  br label %head326
done326:
  br i1 %v89, label %then387, label %end387
then387:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end387
end387:
  %v155 = add nuw nsw i64 %v154, 1
  br label %head153
done153:
  br i1 %v88, label %then388, label %end388
then388:
  br label %head389
head389:
  %v390 = phi i64 [ 0, %then388 ], [ %v391, %body389 ]
  %v392 = icmp slt i64 %v390, %v124
  br i1 %v392, label %body389, label %done389
body389:
  %v393 = add i64 %v122, %v390
  %v394 = getelementptr inbounds i64, ptr %v46, i64 %v393
  %v395 = load i64, ptr %v394, align 8
  %v396 = mul i64 %v390, 132
  %v397 = getelementptr inbounds float, ptr %v105, i64 %v396
  %v398 = mul i64 %v395, %v32
  %v399 = getelementptr inbounds float, ptr %v30, i64 %v398
  %v400 = getelementptr inbounds float, ptr %v397, i64 80
  call void @copy(ptr %v399, ptr %v400, i64 20)
  %v401 = mul i64 %v395, %v36
  %v402 = getelementptr inbounds float, ptr %v34, i64 %v401
  %v403 = getelementptr inbounds float, ptr %v397, i64 100
  call void @copy(ptr %v402, ptr %v403, i64 20)
  %v391 = add nuw nsw i64 %v390, 1
  br label %head389
done389:
  br label %end388
end388:
  br label %next
finished:
  ret void
}

define internal <4 x float> @gw.sigmoid.v4f32(<4 x float> %x) alwaysinline nounwind memory(none) {
  %v0 = fcmp ogt <4 x float> splat (float 0xC05601E680000000), %x
  %v1 = select <4 x i1> %v0, <4 x float> splat (float 0xC05601E680000000), <4 x float> %x
  %v2 = fcmp olt <4 x float> splat (float 0x403419ECC0000000), %v1
  %v3 = select <4 x i1> %v2, <4 x float> splat (float 0x403419ECC0000000), <4 x float> %v1
  %v4 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v3, <4 x float> splat (float 0x3FF7154760000000), <4 x float> splat (float 0x4168000FE0000000))
  %v5 = fsub <4 x float> %v4, splat (float 0x4168000FE0000000)
  %v6 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v5, <4 x float> splat (float 0xBFE6300000000000), <4 x float> %v3)
  %v7 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v5, <4 x float> splat (float 0x3F2BD01060000000), <4 x float> %v6)
  %v8 = fmul <4 x float> %v7, %v7
  %v9 = fmul <4 x float> %v7, %v8
  %v10 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> splat (float 0x3F80C813A0000000), <4 x float> %v8, <4 x float> splat (float 0xBFB554FEE0000000))
  %v11 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v9, <4 x float> %v10, <4 x float> %v7)
  %v12 = bitcast <4 x float> %v4 to <4 x i32>
  %v13 = shl <4 x i32> %v12, splat (i32 23)
  %v14 = bitcast <4 x i32> %v13 to <4 x float>
  %v15 = fadd <4 x float> %v11, splat (float 0x4000000000000000)
  %v16 = fmul <4 x float> %v14, %v15
  %v17 = fsub <4 x float> splat (float 0x4000000000000000), %v11
  %v18 = fadd <4 x float> %v16, %v17
  %v19 = fdiv <4 x float> %v16, %v18
  ret <4 x float> %v19
}

define internal <4 x float> @gw.tanh.v4f32(<4 x float> %x) alwaysinline nounwind memory(none) {
  %v0 = fcmp ogt <4 x float> splat (float 0xC02419ECC0000000), %x
  %v1 = select <4 x i1> %v0, <4 x float> splat (float 0xC02419ECC0000000), <4 x float> %x
  %v2 = fcmp olt <4 x float> splat (float 0x402419ECC0000000), %v1
  %v3 = select <4 x i1> %v2, <4 x float> splat (float 0x402419ECC0000000), <4 x float> %v1
  %v4 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v3, <4 x float> splat (float 0x4007154760000000), <4 x float> splat (float 0x4168000FE0000000))
  %v5 = fsub <4 x float> %v4, splat (float 0x4168000FE0000000)
  %v6 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v5, <4 x float> splat (float 0xBFD62E4300000000), <4 x float> %v3)
  %v7 = fmul <4 x float> %v6, %v6
  %v8 = fmul <4 x float> %v6, %v7
  %v9 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> splat (float 0x3FC0C813A0000000), <4 x float> %v7, <4 x float> splat (float 0xBFD554FEE0000000))
  %v10 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v8, <4 x float> %v9, <4 x float> %v6)
  %v11 = bitcast <4 x float> %v4 to <4 x i32>
  %v12 = shl <4 x i32> %v11, splat (i32 23)
  %v13 = bitcast <4 x i32> %v12 to <4 x float>
  %v14 = fadd <4 x float> %v13, splat (float 0x3FF0000000000000)
  %v15 = fsub <4 x float> %v13, splat (float 0x3FF0000000000000)
  %v16 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v14, <4 x float> %v10, <4 x float> %v15)
  %v17 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v15, <4 x float> %v10, <4 x float> %v14)
  %v18 = fdiv <4 x float> %v16, %v17
  ret <4 x float> %v18
}

